package Assay::Dovecot;

# As much of Dovecot's auth server as Postfix asks for (smtpd_sasl_type =
# dovecot): mechanisms PLAIN and LOGIN for the users given.
#
#   Assay::Dovecot->new('/path/of/socket', alice => 'secret', ...);
use strict;
use warnings;
use MIME::Base64;
use Assay::Server;

my $greeting = join "\n", "VERSION\t1\t2", "MECH\tPLAIN\tplaintext", "MECH\tLOGIN\tplaintext",
    "SPID\t1", "CUID\t1", "COOKIE\t" . '0123456789abcdef' x 2, "DONE\n";

sub new {
    my ($class, $path, %password) = @_;
    my $server = Assay::Server->start(
        listen => $path,
        open   => sub { $_[0]{out} .= $greeting },
        input  => sub {
            my ($c) = @_;
            request($c, \%password, split /\t/, $1) while $c->{in} =~ s/^([^\n]*)\n//;
        });
    return bless { server => $server }, $class;
}

sub ask {
    my ($c, $id, $prompt) = @_;
    $c->{out} .= "CONT\t$id\t" . encode_base64($prompt, '') . "\n";
    return;
}

sub judge {
    my ($c, $password, $id, $user, $pass) = @_;
    my $ok = defined $user && defined $password->{$user} && $password->{$user} eq ($pass // '');
    $user //= '';
    $c->{out} .= $ok ? "OK\t$id\tuser=$user\n" : "FAIL\t$id\tuser=$user\treason=refused\n";
    return;
}

# AUTH id mechanism [resp=base64], CONT id base64
sub request {
    my ($c, $password, $verb, $id, @rest) = @_;
    my $response;
    if ($verb eq 'AUTH') {
        my ($mechanism, @parameters) = @rest;
        $c->{auth}{$id} = [$mechanism];
        ($response) = map { /^resp=(.*)/ ? $1 : () } @parameters;
        return ask($c, $id, $mechanism eq 'LOGIN' ? 'Username:' : '') unless defined $response;
    } elsif ($verb eq 'CONT' && $c->{auth}{$id}) {
        $response = $rest[0] // '';
    } else {
        return;
    }
    my $state = $c->{auth}{$id};
    my $text = decode_base64($response);
    if ($state->[0] eq 'PLAIN') {
        delete $c->{auth}{$id};
        return judge($c, $password, $id, (split /\0/, $text, 3)[1, 2]);
    }
    push @$state, $text;
    return ask($c, $id, 'Password:') if @$state == 2;
    delete $c->{auth}{$id};
    return judge($c, $password, $id, @$state[1, 2]);
}

1;
