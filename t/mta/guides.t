#!/usr/bin/perl
# The files of contrib/mta as they stand there, but for their ports: an MX with
# submission, a content filter, a list manager; Sendmail; other milters' order.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Dir qw(listening ports slurp spawn wait_for);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Postfix;
use Assay::Sendmail;
use Assay::Sink;
use Assay::SMTP;
use Assay::World qw(results mail_text);

need(qw(postfix sendmail knotd));
my $guides = ($ENV{top_srcdir} // '.') . '/contrib/mta';
my $world = Assay::World->new;
my $dir = $world->dir;
my $assayd = $world->assayd(TEXT => slurp("$guides/assay.conf"), enforce => 'reject', internal_networks => []);

# A file of the guides with other ports: each must be in it.
sub guide {
    my ($name, %port) = @_;
    my $text = slurp("$guides/$name");
    for my $from (sort keys %port) {
        ok $text =~ s/\b$from\b/$port{$from}/g, "$name has port $from";
    }
    return $text;
}

sub arrived {
    my ($mta, $subject) = @_;
    my $octets = wait_for(sub { my ($m) = grep { /^Subject: \Q$subject\E\r?$/m }
        $mta->can('mail') ? $mta->mail : map { $_->{data} } $mta->messages; $m }, 15);
    return Assay::Message->new($octets // '');
}

sub fields {
    my ($m) = @_;
    return scalar(grep { /mx\.test\.example/ } $m->values('Authentication-Results')) . ' stamps, '
        . $m->count('DKIM-Signature') . ' signatures';
}

sub smtp { return Assay::SMTP->new(@_) }
my %client = (helo => 'client.example', xclient => { ADDR => '203.0.113.9', HELO => 'client.example' });
sub mx { my ($mta, %o) = @_; return smtp($mta->port, %client)->deliver(to => 'bob@test.example', %o) }

# --- MX, submission, lists --------------------------------------------------------
my %ports = map { $_ => ports(1) } 587, 10025, 10026;
my $main = guide('postfix.main.cf', 8895 => $assayd->port);
my $master = guide('postfix.master.cf', %ports);
my $mta = Assay::Postfix->new($dir, name => 'mx', users => { alice => 'secret' }, main => $main, master => $master);
is $mta->{milters}, undef, 'all that Postfix knows of assayd is in the guide';

like mx($mta, from => 'a@shop.example', data => mail_text(from => 'a@shop.example')), qr/^550 5\.7\.1/, 'MX: a forgery is refused';
like mx($mta, from => 'a@evil.com', data => mail_text(from => 'a@evil.com', subject => 'in')), qr/^250/, 'MX: other mail';
is fields(arrived($mta, 'in')), '1 stamps, 0 signatures', 'is judged';

my $user = smtp($ports{587}, auth => ['alice', 'secret']);
like $user->deliver(from => 'a@shop.example', to => 'bob@test.example',
    data => mail_text(from => 'a@shop.example', subject => 'out')), qr/^250/, 'submission: taken';
is fields(arrived($mta, 'out')), '0 stamps, 2 signatures', 'signed, not judged';
like smtp($ports{587})->deliver(from => 'a@shop.example', to => 'x@elsewhere.example', data => mail_text(from => 'a@shop.example')),
    qr/^[45]/, 'not without AUTH';

my $list = smtp($ports{10026});
like $list->deliver(from => 'list-bounces@shop.example', to => 'bob@test.example', data => mail_text(
    from => '"Ann via list" <list@shop.example>', subject => '[list] post',
    fields => ['List-Id: <list.shop.example>', 'Authentication-Results: mx.test.example; dmarc=pass'])), qr/^250/, 'lists: taken';
is arrived($mta, '[list] post')->count('DKIM-Signature'), 2, 'signed';
$mta->sendmail("From: root\@shop.example\nSubject: cron\n\nhi\n", '-f', 'root@shop.example', 'bob@test.example');
is arrived($mta, 'cron')->count('DKIM-Signature'), 2, 'the machine\'s own: signed';

# --- a content filter ------------------------------------------------------------------
my $sink = Assay::Sink->new($dir);
%ports = map { $_ => ports(1) } 587, 10025, 10026;
my $behind = Assay::Postfix->new($dir, name => 'filtered', users => { alice => 'secret' },
    main => guide('postfix.main.cf', 8895 => $assayd->port) . guide('postfix.filter.main.cf', 10024 => $sink->port),
    master => guide('postfix.master.cf', %ports));
for my $case (['in', 1, 0, 'a@evil.com', sub { mx($behind, @_) }],
    ['out', 0, 2, 'a@shop.example', sub { smtp($ports{587}, auth => ['alice', 'secret'])->deliver(to => 'bob@test.example', @_) }]) {
    my ($subject, $stamps, $signatures, $from, $send) = @$case;
    like $send->(from => $from, data => mail_text(from => $from, subject => "filter $subject")), qr/^250/, "filter: $subject";
    my $seen = arrived($sink, "filter $subject");
    is fields($seen), "$stamps stamps, $signatures signatures", 'the filter sees it stamped or signed';
    like smtp($ports{10025})->deliver(from => $from, to => 'bob@test.example', data => $seen->octets),
        qr/^250/, 'and gives it back';
    is fields(arrived($behind, "filter $subject")), "$stamps stamps, $signatures signatures", 'nothing is done twice';
}

# --- another milter ------------------------------------------------------------------
# It adds X-Probe on top and tells what it saw.
my $probe = ports(1);
my $saw = $dir->path('probe.log');
spawn(log => $saw, command => ["$ENV{top_builddir}/t/probe/probe", "inet:$probe\@127.0.0.1"]);
ok wait_for(sub { listening($probe) }, 10), 'another milter';
my $port = ports(1);
my %both = (8895 => $assayd->port, 8891 => $probe);
my $two = Assay::Postfix->new($dir, name => 'two', users => { alice => 'secret' },
    main => guide('postfix.main.cf', 8895 => $assayd->port) . guide('postfix.others.main.cf', %both),
    master => guide('postfix.others.master.cf', 587 => $port, %both));
like mx($two, from => 'a@evil.com', data => mail_text(from => 'a@evil.com', subject => 'two in')), qr/^250/, 'on the MX';
is fields(arrived($two, 'two in')), '1 stamps, 0 signatures', 'both have seen it';
ok wait_for(sub { slurp($saw) =~ /^header Authentication-Results/m }, 5), 'the other behind assayd' or diag slurp($saw);
like smtp($port, auth => ['alice', 'secret'])->deliver(from => 'a@shop.example', to => 'bob@test.example',
    data => mail_text(from => 'a@shop.example', subject => 'two out')), qr/^250/, 'on submission';
my $out = arrived($two, 'two out');
is fields($out) . ', ' . $out->count('X-Probe'), '0 stamps, 2 signatures, 1', 'both have seen it';
unlike slurp($saw), qr/^header DKIM-Signature/m, 'assayd behind the other';

# --- Sendmail -----------------------------------------------------------------------------
my $msa = ports(1);
my $sm = Assay::Sendmail->new($dir, mc => guide('sendmail.mc', 8895 => $assayd->port, 587 => $msa));
like smtp($sm->port, local => '127.0.0.9')->deliver(from => 'a@shop.example', to => 'bob@test.example',
    data => mail_text(from => 'a@shop.example')), qr/^550 5\.7\.1/, 'Sendmail: a forgery is refused';
like smtp($sm->port, local => '127.0.0.66')->deliver(from => 'a@evil.com', to => 'bob@test.example',
    data => mail_text(from => 'J. Doe <a@evil.com>', subject => 'sm in')), qr/^250/, 'other mail';
is fields(arrived($sm, 'sm in')), '1 stamps, 0 signatures', 'is judged';
done_testing;
